//! A directory that tells what the test says, and counts who asks.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use steward_chassis::Error;
use steward_chassis::backend::BACKEND_UNAVAILABLE;
use steward_chassis::follow::{CHANGES_RESTARTED, Source};
use steward_chassis::layers::Runtime;
use steward_chassis::service::{Started, mount};
use steward_proto::directory::v1::change::Resource;
use steward_proto::directory::v1::change_service_server::{
    ChangeService, ChangeServiceServer, SERVICE_NAME,
};
use steward_proto::directory::v1::{
    CalendarYear, Change, ListChangesRequest, ListChangesResponse, Organization, OrganizationKind,
    Region,
};
use tokio::sync::Mutex;
use tonic::service::Routes;
use tonic::{Request, Response, Status};

/// Asked again after this.
const PAUSE: Duration = Duration::from_millis(2);

/// A directory without a database. A clone tells the same.
#[derive(Debug, Clone, Default)]
pub(super) struct Directory(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// In order; every third number is used by something else. Each has the hash of its number and of how
    /// often the directory was restored.
    changes: Mutex<Vec<Change>>,
    asked: AtomicUsize,
    down: AtomicBool,
    restored: AtomicUsize,
    /// Whether it says that it leaves something out.
    limited: AtomicBool,
    /// How many changes the backup had.
    kept: AtomicUsize,
    /// At most so many changes an answer; 0 = what is asked for.
    page: AtomicUsize,
}

impl Directory {
    /// Tells of one more change.
    pub(super) async fn tell(&self, resource: Resource) -> i64 {
        let mut changes = self.0.changes.lock().await;
        let last = changes.last().map_or(0, |change| change.seq);
        let seq = last + if last % 3 == 2 { 2 } else { 1 };
        // Whatever was told of a thing before, it is told as it is now.
        for old in
            changes.iter_mut().filter(|old| key(old.resource.as_ref()) == key(Some(&resource)))
        {
            old.resource = Some(resource.clone());
        }
        changes.push(Change { seq, change_time: None, resource: Some(resource) });
        seq
    }

    pub(super) async fn organization(&self, organization: Organization) -> i64 {
        self.tell(Resource::Organization(organization)).await
    }

    pub(super) async fn region(&self, code: &str, name: &str) -> i64 {
        let region = Region { code: code.to_owned(), name: name.to_owned(), ..Region::default() };
        self.tell(Resource::Region(region)).await
    }

    pub(super) async fn year(&self, year: i32, days_off: &[&str], make_up_days: &[&str]) -> i64 {
        let owned = |days: &[&str]| days.iter().map(|day| (*day).to_owned()).collect();
        let (days_off, make_up_days) = (owned(days_off), owned(make_up_days));
        let year = CalendarYear { year, days_off, make_up_days, ..CalendarYear::default() };
        self.tell(Resource::CalendarYear(year)).await
    }

    /// The last change.
    pub(super) async fn head(&self) -> i64 {
        self.0.changes.lock().await.last().map_or(0, |change| change.seq)
    }

    /// How many changes there were.
    pub(super) async fn count(&self) -> i64 {
        i64::try_from(self.0.changes.lock().await.len()).unwrap()
    }

    /// How often it was asked.
    pub(super) fn asked(&self) -> usize {
        self.0.asked.load(Ordering::SeqCst)
    }

    /// It is restored from a backup that has the first changes only; what it tells after has numbers that
    /// were told before.
    pub(super) async fn restore(&self, kept: usize) {
        self.0.changes.lock().await.truncate(kept);
        self.0.restored.fetch_add(1, Ordering::SeqCst);
        self.0.kept.store(kept, Ordering::SeqCst);
    }

    /// The hash of the chain at a place.
    fn hash(&self, changes: &[Change], seq: i64) -> Option<Vec<u8>> {
        let last = changes.last().map_or(0, |change| change.seq);
        let kept = changes.get(self.0.kept.load(Ordering::SeqCst).wrapping_sub(1));
        let restored = kept.is_none_or(|kept| seq > kept.seq);
        let era = if restored { self.0.restored.load(Ordering::SeqCst) } else { 0 };
        (seq <= last).then(|| format!("{seq} of {era}").into_bytes())
    }

    /// Whether it leaves out what the caller may not see.
    pub(super) fn is_limited(&self, limited: bool) {
        self.0.limited.store(limited, Ordering::SeqCst);
    }

    /// Whether it answers at all.
    pub(super) fn is_down(&self, down: bool) {
        self.0.down.store(down, Ordering::SeqCst);
    }

    /// Answers at most so many changes at once.
    pub(super) fn in_pages_of(&self, changes: usize) {
        self.0.page.store(changes, Ordering::SeqCst);
    }

    /// It as a service of this process.
    pub(super) async fn start(&self, runtime: &Runtime) -> Started {
        let routes = Routes::new(ChangeServiceServer::new(self.clone()));
        mount(routes, &[SERVICE_NAME], Some("directory"), None, runtime).await.unwrap()
    }

    /// It as something to follow in this process.
    pub(super) async fn source(&self, runtime: &Runtime) -> Source {
        Source::local(self.start(runtime).await.routes).with_pause(PAUSE)
    }
}

/// What a change is of.
fn key(resource: Option<&Resource>) -> String {
    match resource {
        Some(Resource::Organization(organization)) => format!("o{}", organization.code),
        Some(Resource::Region(region)) => format!("r{}", region.code),
        Some(Resource::CalendarYear(year)) => format!("y{}", year.year),
        None => String::new(),
    }
}

/// An organization in a region.
pub(super) fn organization(code: &str, region: &str) -> Organization {
    Organization {
        code: code.to_owned(),
        name: format!("单位{code}"),
        kind: OrganizationKind::AdministrativeOrgan.into(),
        region: region.to_owned(),
        ..Organization::default()
    }
}

#[tonic::async_trait]
impl ChangeService for Directory {
    async fn list_changes(
        &self,
        request: Request<ListChangesRequest>,
    ) -> Result<Response<ListChangesResponse>, Status> {
        let request = request.into_inner();
        self.0.asked.fetch_add(1, Ordering::SeqCst);
        let size = match self.0.page.load(Ordering::SeqCst) {
            0 => usize::try_from(request.page_size).unwrap(),
            page => page,
        };
        let all = self.0.changes.lock().await;
        // Asked here: what is told after it is told to be down is never answered.
        if self.0.down.load(Ordering::SeqCst) {
            return Err(Error::new(&BACKEND_UNAVAILABLE, "is told to be down").into());
        }
        let stands = self.hash(&all, request.after_seq);
        if request.after_seq > 0 && stands.as_ref() != Some(&request.after_hash) {
            return Err(Error::new(&CHANGES_RESTARTED, "is another one").into());
        }
        let after = all.iter().filter(|change| change.seq > request.after_seq);
        let (rest, changes) =
            (after.clone().count(), after.take(size).cloned().collect::<Vec<_>>());
        let last = changes.last().map_or(request.after_seq, |change| change.seq);
        let more = rest > changes.len();
        let next_hash = if last == 0 { Vec::new() } else { self.hash(&all, last).unwrap() };
        let scope_limited = self.0.limited.load(Ordering::SeqCst);
        let answer =
            ListChangesResponse { changes, next_seq: last, more, next_hash, scope_limited };
        Ok(Response::new(answer))
    }
}
