//! Persons: respondents by number, and the links that make several identities one person.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use groundswell_model::{Clock, Customer, RespondentKey};

/// Numbers identities and joins those of one person. Counts depend on the set of links, not on their order.
#[derive(Debug, Default)]
pub struct People {
    numbers: HashMap<RespondentKey, u32>,
    parents: Vec<u32>,
    customers: BTreeMap<RespondentKey, Customer>,
    /// Customer records of each person, by the number that stands for the person; keys in order.
    records: HashMap<u32, Vec<RespondentKey>>,
    /// Records that changed something.
    changes: u64,
}

impl People {
    /// Gives the number of an identity, a new one at first sight.
    pub fn number(&mut self, key: RespondentKey) -> u32 {
        if let Some(number) = self.numbers.get(&key) {
            return *number;
        }
        let number = self.fresh();
        self.numbers.insert(key, number);
        number
    }

    /// Gives the number that stands for the person of an identity, where one is known.
    pub fn find(&self, key: RespondentKey) -> Option<u32> {
        self.numbers.get(&key).map(|number| self.canonical(*number))
    }

    /// Gives a number for a person of whom nothing is known.
    pub fn fresh(&mut self) -> u32 {
        let number = u32::try_from(self.parents.len()).unwrap_or(u32::MAX);
        self.parents.push(number);
        number
    }

    /// Gives the number that stands for the whole person.
    pub fn canonical(&self, mut number: u32) -> u32 {
        while let Some(parent) = self.parents.get(number as usize) {
            if *parent == number {
                break;
            }
            number = *parent;
        }
        number
    }

    /// Gives the known clock of the person behind an identity. Where several records of one person disagree, the one
    /// with the smallest key holds, so that the order of arrival does not matter.
    pub fn clock(&self, key: RespondentKey) -> Clock {
        let Some(number) = self.numbers.get(&key) else { return Clock::default() };
        let Some(records) = self.records.get(&self.canonical(*number)) else { return Clock::default() };
        records
            .iter()
            .filter_map(|record| self.customers.get(record))
            .fold(Clock::default(), |clock, customer| clock.or(customer.clock))
    }

    /// Gives the segments of the person behind an identity; of several records that disagree, the one with the smallest key
    /// holds.
    pub fn segments(&self, key: RespondentKey) -> BTreeMap<String, String> {
        let number = self.numbers.get(&key).map(|number| self.canonical(*number));
        let records = number.and_then(|number| self.records.get(&number)).into_iter().flatten();
        let mut segments = BTreeMap::new();
        for customer in records.filter_map(|record| self.customers.get(record)) {
            for (name, value) in &customer.segments {
                segments.entry(name.clone()).or_insert_with(|| value.clone());
            }
        }
        segments
    }

    /// Takes in a customer record. Says whether anything changed; a record that does not outrank the known one changes
    /// nothing.
    pub fn admit(&mut self, customer: Customer) -> bool {
        let before = self.customers.get(&customer.key);
        if before.is_some_and(|known| !customer.outranks(known)) {
            return false;
        }
        let takes_back = before.is_some_and(|known| {
            customer.deleted || known.identities.iter().any(|key| !customer.identities.contains(key))
        });
        let key = customer.key;
        self.changes += 1;
        self.customers.insert(key, customer);
        if takes_back {
            self.relink();
        } else {
            self.join(key);
        }
        true
    }

    /// Gives all identities of one customer record as numbers, the record's own key first.
    pub fn identities(&mut self, customer: &Customer) -> Vec<u32> {
        let mut numbers = vec![self.number(customer.key)];
        for identity in &customer.identities {
            numbers.push(self.number(*identity));
        }
        numbers
    }

    /// Gives every identity of the person behind a customer record, those that other records link included.
    pub fn linked(&mut self, customer: &Customer) -> BTreeSet<u32> {
        let own = self.identities(customer);
        let people: BTreeSet<u32> = own.iter().map(|number| self.canonical(*number)).collect();
        let keys: Vec<_> =
            people.iter().filter_map(|person| self.records.get(person)).flatten().copied().collect();
        let records: Vec<_> = keys.iter().filter_map(|key| self.customers.get(key)).cloned().collect();
        own.into_iter().chain(records.iter().flat_map(|record| self.identities(record))).collect()
    }

    /// How many records have changed something: while it stands, counts of people stand.
    pub(crate) fn changes(&self) -> u64 {
        self.changes
    }

    /// Gives the customer record of a key.
    pub fn customer(&self, key: RespondentKey) -> Option<&Customer> {
        self.customers.get(&key)
    }

    /// Gives every customer record, in order of keys.
    pub fn customers(&self) -> impl Iterator<Item = &Customer> {
        self.customers.values().filter(|customer| !customer.deleted)
    }

    fn join(&mut self, key: RespondentKey) {
        let Some(customer) = self.customers.get(&key) else { return };
        if customer.deleted {
            return;
        }
        let identities = customer.identities.clone();
        let own = self.number(key);
        for identity in identities {
            let other = self.number(identity);
            self.unite(own, other);
        }
        let canonical = self.canonical(own);
        let records = self.records.entry(canonical).or_default();
        if let Err(at) = records.binary_search(&key) {
            records.insert(at, key);
        }
    }

    fn unite(&mut self, a: u32, b: u32) {
        let (a, b) = (self.canonical(a), self.canonical(b));
        if a == b {
            return;
        }
        let (low, high) = (a.min(b), a.max(b));
        if let Some(parent) = self.parents.get_mut(high as usize) {
            *parent = low;
        }
        if let Some(moved) = self.records.remove(&high) {
            let records = self.records.entry(low).or_default();
            records.extend(moved);
            records.sort_unstable();
            records.dedup();
        }
    }

    /// Derives all links anew; needed when a record takes an identity back.
    fn relink(&mut self) {
        for (number, parent) in self.parents.iter_mut().enumerate() {
            *parent = u32::try_from(number).unwrap_or(u32::MAX);
        }
        self.records.clear();
        let keys: Vec<_> = self.customers.keys().copied().collect();
        for key in keys {
            self.join(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use groundswell_model::part::{ProcessingVersion, Revision};

    fn key(n: u8) -> RespondentKey {
        RespondentKey::from_bytes([n; 16])
    }

    fn customer(own: u8, others: &[u8], revision: i64) -> Customer {
        Customer {
            key: key(own),
            identities: others.iter().map(|n| key(*n)).collect(),
            account: None,
            clock: Clock {
                purchased_at: Some(groundswell_model::Timestamp::from_millis(i64::from(own))),
                ..Clock::default()
            },
            ended_at: None,
            value: None,
            segments: BTreeMap::new(),
            revision: Revision { number: revision, by_source: true },
            deleted: false,
            processing: ProcessingVersion::default(),
            pipeline: "customers".to_owned(),
        }
    }

    fn groups(people: &mut People) -> Vec<u32> {
        (1..=4)
            .map(|n| people.number(key(n)))
            .collect::<Vec<_>>()
            .into_iter()
            .map(|n| people.canonical(n))
            .collect()
    }

    #[test]
    fn links_join_identities_whatever_the_order() {
        for records in
            [[customer(1, &[2], 1), customer(2, &[3], 1)], [customer(2, &[3], 1), customer(1, &[2], 1)]]
        {
            let mut people = People::default();
            for record in records {
                assert!(people.admit(record));
            }
            let groups = groups(&mut people);
            assert_eq!(groups[0], groups[1]);
            assert_eq!(groups[1], groups[2]);
            assert_ne!(groups[2], groups[3]);
            assert_eq!(people.clock(key(3)).purchased_at.unwrap().millis(), 1);
        }
    }

    #[test]
    fn an_older_or_equal_record_changes_nothing_and_a_newer_one_takes_links_back() {
        let mut people = People::default();
        assert!(people.admit(customer(1, &[2, 3], 5)));
        assert!(!people.admit(customer(1, &[4], 5)));
        assert!(!people.admit(customer(1, &[4], 4)));
        assert!(people.admit(customer(1, &[3], 6)));
        let groups = groups(&mut people);
        assert_ne!(groups[0], groups[1]);
        assert_eq!(groups[0], groups[2]);
    }
}
