//! Tests of the block format: round trips, damage, hostile bytes.
use proptest::prelude::*;

use super::*;
use crate::names::Topic;

fn append(key: Option<Vec<u8>>, headers: Vec<(String, Vec<u8>)>, value: Option<Vec<u8>>) -> Append {
    Append {
        topic: "t".parse::<Topic>().unwrap(),
        partition: 0,
        timestamp_ms: -5,
        key,
        headers: headers.into_iter().map(|(name, value)| Header { name, value }).collect(),
        value,
    }
}

fn packed(appends: &[Append], first: u64) -> Vec<u8> {
    let mut packer = Packer::new().unwrap();
    for (number, append) in appends.iter().enumerate() {
        packer.push_append(first + 3 * number as u64, append);
    }
    packer.finish().unwrap().2
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..40)
}

proptest! {
    #[test]
    fn records_come_back_as_they_were(
        rows in prop::collection::vec(
            (prop::option::of(bytes()), prop::collection::vec((".{0,8}", bytes()), 0..3), prop::option::of(bytes())),
            1..30,
        ),
        first in 0..u64::MAX / 2,
    ) {
        let appends: Vec<Append> =
            rows.into_iter().map(|(key, headers, value)| append(key, headers, value)).collect();
        let stored = packed(&appends, first);
        let head = BlockHead::parse(&stored).unwrap();
        prop_assert_eq!(head.count as usize, appends.len());
        prop_assert_eq!(head.last, first + 3 * (appends.len() as u64 - 1));
        prop_assert_eq!(head.latest_ms, -5);
        let raw = unpack(&stored).unwrap();
        let views: Vec<View> = Views::new(first, &raw).map(Result::unwrap).collect();
        prop_assert_eq!(views.len(), appends.len());
        for ((view, append), number) in views.iter().zip(&appends).zip(0..) {
            let record = view.to_record();
            prop_assert_eq!(record.offset, first + 3 * number);
            prop_assert_eq!(view.size(), append.size());
            prop_assert_eq!(&record.key, &append.key);
            prop_assert_eq!(&record.headers, &append.headers);
            prop_assert_eq!(&record.value, &append.value);
        }
        let mut again = Packer::new().unwrap();
        views.iter().for_each(|view| again.push_view(view));
        prop_assert_eq!(again.finish().unwrap().2, stored);
    }

    #[test]
    fn hostile_bytes_end_in_an_error_and_never_in_a_panic(noise in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(unpack(&noise).is_err());
        let walked = Views::new(0, &noise).take_while(Result::is_ok).count();
        prop_assert!(walked <= noise.len());
    }
}

#[test]
fn a_flipped_bit_is_found() {
    let appends: Vec<Append> =
        (0..20_u8).map(|number| append(Some(vec![number]), vec![], Some(vec![number; 50]))).collect();
    let stored = packed(&appends, 7);
    let mut missed = 0;
    for at in HEADER..stored.len() {
        let mut flipped = stored.clone();
        flipped[at] ^= 0x10;
        if unpack(&flipped).is_ok_and(|raw| raw != unpack(&stored).unwrap()) {
            missed += 1;
        }
    }
    assert_eq!(missed, 0);
}

#[test]
fn a_block_closes_at_64_records_or_64_kib() {
    let mut packer = Packer::new().unwrap();
    let small = append(None, vec![], Some(vec![1; 10]));
    for offset in 0..64 {
        assert!(!packer.is_full_for(10), "{offset}");
        packer.push_append(offset, &small);
    }
    assert!(packer.is_full_for(10));
    assert!(BlockHead::parse(&packer.finish().unwrap().2).unwrap().is_well_filled());
    assert!(packer.is_empty());
    assert!(!packer.is_full_for(10 << 20), "one large record always fits an empty block");
    packer.push_append(64, &append(None, vec![], Some(vec![1; 60 << 10])));
    assert!(packer.is_full_for(5 << 10));
}
