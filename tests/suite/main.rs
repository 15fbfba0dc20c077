//! The suite end to end: folders by service, files by noun, every test on both databases.

#[cfg(test)]
mod approval;
#[cfg(test)]
mod audit;
#[cfg(test)]
mod chassis;
#[cfg(test)]
mod db;
#[cfg(test)]
mod directory;
#[cfg(test)]
mod finding;
#[cfg(test)]
mod fleet;
#[cfg(test)]
mod follow;
#[cfg(test)]
mod gateway;
#[cfg(test)]
mod ledger;
#[cfg(test)]
mod report;
#[cfg(test)]
mod scope;
#[cfg(test)]
mod standalone;
