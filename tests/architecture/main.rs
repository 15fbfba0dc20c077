//! The rules of the house, kept by tests: who may depend on whom, what may stand where, how the API
//! is written.

#[cfg(test)]
mod catalogues;
#[cfg(test)]
mod manifests;
#[cfg(test)]
mod nouns;
#[cfg(test)]
mod paths;
#[cfg(test)]
mod proto;
#[cfg(test)]
mod readmes;
#[cfg(test)]
mod rooms;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod sources;
#[cfg(test)]
mod tree;
