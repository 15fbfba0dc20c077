//! The only source of variety in the sample: a hash of what is asked for. No random numbers, no
//! clock, so that every run of every version loads the same city.

/// A number that looks random and depends only on the arguments: FNV-1a over the parts, then the
/// finishing step of SplitMix64 (public domain), which spreads the bits.
fn mix(tag: &str, organization: usize, month: i32) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let organization = u64::try_from(organization).unwrap_or(u64::MAX).to_le_bytes();
    for byte in tag.bytes().chain(organization).chain(month.to_le_bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

/// A number in `0..below` for this tag, organization and month. `below` is at least 1.
pub(super) fn pick(tag: &str, organization: usize, month: i32, below: i64) -> i64 {
    let below = u64::try_from(below.max(1)).unwrap_or(1);
    i64::try_from(mix(tag, organization, month) % below).unwrap_or(0)
}

/// Whether something happens that happens `permille` times in a thousand.
pub(super) fn happens(tag: &str, organization: usize, month: i32, permille: i64) -> bool {
    pick(tag, organization, month, 1_000) < permille
}

/// A factor in permille around 1,000: `1000 - spread ..= 1000 + spread`.
pub(super) fn around(tag: &str, organization: usize, month: i32, spread: i64) -> i64 {
    1_000 - spread + pick(tag, organization, month, 2 * spread + 1)
}

/// `value` times all the factors in permille, cut to a whole number after each.
pub(super) fn scaled(value: i64, permilles: &[i64]) -> i64 {
    permilles.iter().fold(value, |value, permille| value * permille / 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_question_has_the_same_answer() {
        assert_eq!(mix("fuel", 7, 24_156), mix("fuel", 7, 24_156));
        assert_ne!(mix("fuel", 7, 24_156), mix("fuel", 7, 24_157));
        assert_ne!(mix("fuel", 7, 24_156), mix("fuel", 8, 24_156));
        assert_ne!(mix("fuel", 7, 24_156), mix("rent", 7, 24_156));
    }

    #[test]
    fn answers_stay_in_range_and_are_spread() {
        let mut seen = [0_u32; 10];
        for organization in 0..1_000 {
            let factor = around("x", organization, 3, 25);
            assert!((975..=1_025).contains(&factor));
            seen[usize::try_from(pick("y", organization, 3, 10)).unwrap()] += 1;
        }
        assert!(seen.iter().all(|count| (70..130).contains(count)), "{seen:?}");
        assert_eq!(scaled(1_000, &[900, 1_100]), 990);
    }
}
