//! What organizations and the numbers of the API are called.

use std::collections::BTreeMap;

use steward_kernel::yichang;
use steward_proto::directory::v1::ListOrganizationsRequest;
use steward_sheet::Choice;

use crate::client::Client;
use crate::report::Language;

/// The most of a page.
pub(super) const PAGE: i32 = 1_000;

/// The names of organizations by code; without the directory none, and codes are shown.
#[derive(Debug, Default)]
pub(super) struct Names(BTreeMap<String, String>);

impl Names {
    pub(super) async fn ask(client: &Client) -> Self {
        let mut names = BTreeMap::new();
        let mut request =
            ListOrganizationsRequest { page_size: PAGE, ..ListOrganizationsRequest::default() };
        while let Ok(page) = client.organizations().list_organizations(request.clone()).await {
            let page = page.into_inner();
            names.extend(page.organizations.into_iter().map(|it| (it.code, it.name)));
            if page.next_page_token.is_empty() {
                break;
            }
            request.page_token = page.next_page_token;
        }
        Self(names)
    }

    pub(super) fn of(&self, code: &str) -> String {
        self.0.get(code).cloned().unwrap_or_else(|| code.to_owned())
    }
}

/// What a region is called.
pub(super) fn region(code: &str, language: Language) -> String {
    match language {
        Language::Zh => yichang::region_name(code).unwrap_or(code).to_owned(),
        Language::En => code.to_owned(),
    }
}

/// What a number of the API is called, which counts the choices from 1.
pub(super) fn choice(choices: &[Choice<'_>], number: i32, language: Language) -> String {
    let place = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
    let choice = place.and_then(|place| choices.get(place));
    choice.map_or(String::new(), |choice| match language {
        Language::Zh => choice.name.to_owned(),
        Language::En => choice.code.to_owned(),
    })
}
