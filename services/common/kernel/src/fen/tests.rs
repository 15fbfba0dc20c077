use proptest::prelude::*;

use super::*;

#[test]
fn reads_yuan() {
    for (text, fen) in [
        ("0", 0),
        ("-0", 0),
        ("0.5", 50),
        ("0.05", 5),
        ("-0.05", -5),
        ("12", 1200),
        ("012", 1200),
        ("12.30", 1230),
        ("1278552.60", 127_855_260),
        ("92233720368547758.07", i64::MAX),
        ("-92233720368547758.08", i64::MIN),
    ] {
        assert_eq!(Fen::parse_yuan(text), Ok(Fen(fen)), "{text}");
    }
}

#[test]
fn refuses_what_is_no_plain_amount() {
    use AmountError::{Empty, NotANumber, TooLarge, TooManyDecimals};
    for (text, error) in [
        ("", Empty),
        (".", NotANumber),
        ("-", NotANumber),
        ("--1", NotANumber),
        ("+1", NotANumber),
        ("1.", NotANumber),
        (".5", NotANumber),
        ("1.2.3", NotANumber),
        ("1.-2", NotANumber),
        ("1,000", NotANumber),
        ("1e3", NotANumber),
        ("1.2x45", NotANumber),
        (" 1", NotANumber),
        ("1 ", NotANumber),
        ("\u{feff}1", NotANumber),
        ("１２", NotANumber),
        ("¥12", NotANumber),
        ("1.234", TooManyDecimals),
        ("1.000", TooManyDecimals),
        ("92233720368547758.08", TooLarge),
        ("-92233720368547758.09", TooLarge),
        ("99999999999999999999999", TooLarge),
    ] {
        assert_eq!(Fen::parse_yuan(text), Err(error), "{text:?}");
    }
}

#[test]
fn shows_yuan() {
    assert_eq!(Fen(-5).to_string(), "-0.05");
    assert_eq!(Fen::ZERO.to_string(), "0.00");
    assert_eq!(format!("{:>10}", Fen(-123)), "     -1.23");
    assert_eq!(Fen(i64::MIN).to_string(), "-92233720368547758.08");
}

#[test]
fn changes_in_basis_points() {
    let change = |now, base| Fen::change_bp(Fen(now), Fen(base));
    assert_eq!(change(90, 100), Some(-1000));
    assert_eq!(change(100, 100), Some(0));
    assert_eq!(change(-100, 100), Some(-20_000));
    // exactly half a basis point, up and down; then just below half
    assert_eq!(change(20_001, 20_000), Some(1));
    assert_eq!(change(19_999, 20_000), Some(-1));
    assert_eq!(change(20_002, 20_001), Some(0));
    assert_eq!(change(5, 0), None);
    assert_eq!(change(5, -1), None);
    assert_eq!(change(i64::MAX, 1), None);
    assert_eq!(change(i64::MIN, 1), None);
    assert_eq!(change(i64::MIN, i64::MAX), Some(-20_000));
}

#[test]
fn arithmetic_is_checked() {
    assert_eq!(Fen(2).checked_add(Fen(3)), Some(Fen(5)));
    assert_eq!(Fen(2).checked_sub(Fen(3)), Some(Fen(-1)));
    assert_eq!(Fen(2).checked_neg(), Some(Fen(-2)));
    assert_eq!(Fen(i64::MAX).checked_add(Fen(1)), None);
    assert_eq!(Fen(i64::MIN).checked_sub(Fen(1)), None);
    assert_eq!(Fen(i64::MIN).checked_neg(), None);
}

#[test]
fn spreads_by_hand() {
    let spread = |fen, weights: &[u64]| -> Vec<i64> {
        Fen(fen).spread(weights).into_iter().map(Fen::get).collect()
    };
    assert_eq!(spread(100, &[1, 1, 1]), [33, 34, 33]);
    assert_eq!(spread(-100, &[1, 1, 1]), [-33, -34, -33]);
    assert_eq!(spread(1, &[1, 1]), [1, 0]);
    assert_eq!(spread(7, &[0, 5, 0]), [0, 7, 0]);
    assert_eq!(spread(10, &[0, 0]), [5, 5]);
    assert_eq!(spread(10, &[]), [0_i64; 0]);
    assert_eq!(spread(i64::MIN, &[u64::MAX]), [i64::MIN]);
    assert_eq!(spread(i64::MIN, &[u64::MAX, u64::MAX]), [i64::MIN / 2, i64::MIN / 2]);
}

/// Amounts and weights of every size, the extremes among them.
fn amount() -> impl Strategy<Value = i64> {
    prop_oneof![any::<i64>(), -1000..1000_i64, Just(i64::MIN), Just(i64::MAX)]
}

fn weights() -> impl Strategy<Value = Vec<u64>> {
    let weight = prop_oneof![any::<u64>(), 0..40_u64, Just(0), Just(u64::MAX)];
    prop::collection::vec(weight, 1..30)
}

proptest! {
    #[test]
    fn text_round_trips(fen in amount()) {
        prop_assert_eq!(Fen::parse_yuan(&Fen(fen).to_string()), Ok(Fen(fen)));
    }

    #[test]
    fn parsing_never_panics(text in "[-+.,0-9e１ ]{0,30}") {
        if let Ok(fen) = Fen::parse_yuan(&text) {
            prop_assert_eq!(Fen::parse_yuan(&fen.to_string()), Ok(fen));
        }
    }

    #[test]
    fn change_is_the_nearest(now in amount(), base in 1..i64::MAX) {
        let exact_times_base = (i128::from(now) - i128::from(base)) * 10_000;
        if let Some(bp) = Fen::change_bp(Fen(now), Fen(base)) {
            let off = (i128::from(bp) * i128::from(base) - exact_times_base).abs();
            prop_assert!(off * 2 <= i128::from(base));
        } else {
            prop_assert!(i64::try_from(exact_times_base / i128::from(base)).is_err()
                || exact_times_base / i128::from(base) == i128::from(i64::MAX)
                || exact_times_base / i128::from(base) == i128::from(i64::MIN));
        }
    }

    #[test]
    fn spread_sums_exactly(fen in amount(), weights in weights()) {
        let parts = Fen(fen).spread(&weights);
        prop_assert_eq!(parts.len(), weights.len());
        let sum: i128 = parts.iter().map(|part| i128::from(part.0)).sum();
        prop_assert_eq!(sum, i128::from(fen));
        let same_side = |part: &Fen| part.0 == 0 || part.0.signum() == fen.signum();
        prop_assert!(parts.iter().all(same_side));
    }

    #[test]
    fn spread_stays_within_one_fen(
        fen in -(1_i64 << 50)..1_i64 << 50,
        weights in prop::collection::vec(0..1_u64 << 40, 1..30),
    ) {
        let whole: u64 = weights.iter().sum();
        prop_assume!(whole > 0);
        for (part, weight) in Fen(fen).spread(&weights).into_iter().zip(weights) {
            let exact_times_whole = i128::from(fen) * i128::from(weight);
            let off = (i128::from(part.0) * i128::from(whole) - exact_times_whole).abs();
            prop_assert!(off <= i128::from(whole));
        }
    }

    #[test]
    fn spread_of_the_negative_is_the_negative(fen in -i64::MAX..=i64::MAX, weights in weights()) {
        let there = Fen(fen).spread(&weights);
        let back: Option<Vec<Fen>> = Fen(-fen).spread(&weights).into_iter().map(Fen::checked_neg).collect();
        prop_assert_eq!(Some(there), back);
    }

    #[test]
    fn the_slow_way_agrees(amount: u64, part: u64, more: u64) {
        let (part, whole) = (u128::from(part), u128::from(part) + u128::from(more) + 1);
        let product = u128::from(amount) * part;
        prop_assert_eq!(mul_div_by_bits(amount, part, whole), (product / whole, product % whole));
    }
}
