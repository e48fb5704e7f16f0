//! A trie in a double array (Aoe 1989): walks a text byte by byte from a place, one look-up for each.

/// Byte strings with a number each, found at the beginning of a text.
pub(crate) struct Trie {
    cells: Vec<Cell>,
}

#[derive(Clone, Copy)]
struct Cell {
    /// The child by a byte stands this far on, plus the byte.
    base: u32,
    /// Whose child it is; [`NOBODY`] where the cell is free.
    parent: u32,
    /// The number of the string that ends here, plus one; 0 where none does.
    value: u32,
}

const NOBODY: u32 = u32::MAX;
/// The parent of the first node: neither free nor a child.
const ROOT: u32 = u32::MAX - 1;
/// The first cell of a child: from here on every byte has room before it.
const FIRST: usize = 256;
const FREE: Cell = Cell { base: NOBODY, parent: NOBODY, value: 0 };

impl Trie {
    /// Builds the trie of distinct strings in ascending order; each gets the number of its place.
    pub(crate) fn new<S: AsRef<[u8]>>(strings: &[S]) -> Self {
        let mut build = Build { strings, cells: vec![Cell { parent: ROOT, ..FREE }], free: FIRST };
        let mut open = vec![(0, 0, strings.len(), 0)];
        let mut children = Vec::new();
        while let Some((node, from, to, depth)) = open.pop() {
            children.clear();
            build.children(node, from..to, depth, &mut children);
            build.settle(node, &children);
            let base = build.cells.get(node).map_or(NOBODY, |cell| cell.base);
            open.extend(children.iter().map(|&(byte, from, to)| (at(base, byte), from, to, depth + 1)));
        }
        Self { cells: build.cells }
    }

    /// Calls `each` with the number and the length of every string that the bytes begin with, shortest first.
    #[inline]
    pub(crate) fn each(&self, bytes: &[u8], mut each: impl FnMut(usize, usize)) {
        let Some(mut cell) = self.cells.first() else { return };
        let mut node = 0;
        if cell.value > 0 {
            each(cell.value as usize - 1, 0);
        }
        for (index, &byte) in bytes.iter().enumerate() {
            let next = at(cell.base, byte);
            match self.cells.get(next) {
                Some(child) if child.parent == node => cell = child,
                _ => return,
            }
            if cell.value > 0 {
                each(cell.value as usize - 1, index + 1);
            }
            let Ok(place) = u32::try_from(next) else { return };
            node = place;
        }
    }

    /// Gives the number of the longest string that the bytes begin with.
    #[inline]
    pub(crate) fn longest(&self, bytes: &[u8]) -> Option<usize> {
        let mut out = None;
        self.each(bytes, |value, _| out = Some(value));
        out
    }
}

fn at(base: u32, byte: u8) -> usize {
    base as usize + usize::from(byte)
}

fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(NOBODY)
}

struct Build<'a, S> {
    strings: &'a [S],
    cells: Vec<Cell>,
    /// No cell before this one is free.
    free: usize,
}

impl<S: AsRef<[u8]>> Build<'_, S> {
    /// Marks the string that ends at a node, and lists its children with the strings below each.
    fn children(
        &mut self,
        node: usize,
        strings: std::ops::Range<usize>,
        depth: usize,
        out: &mut Vec<(u8, usize, usize)>,
    ) {
        for index in strings {
            let byte = self.strings.get(index).and_then(|string| string.as_ref().get(depth));
            match (byte, out.last_mut()) {
                (None, _) => {
                    if let Some(cell) = self.cells.get_mut(node) {
                        cell.value = number(index + 1);
                    }
                }
                (Some(byte), Some((last, _, to))) if last == byte => *to = index + 1,
                (Some(byte), _) => out.push((*byte, index, index + 1)),
            }
        }
    }

    /// Finds room for the children of a node.
    fn settle(&mut self, node: usize, children: &[(u8, usize, usize)]) {
        let Some(&(first, ..)) = children.first() else { return };
        let taken = |cells: &[Cell], place: usize| cells.get(place).is_some_and(|cell| cell.parent != NOBODY);
        while taken(&self.cells, self.free) {
            self.free += 1;
        }
        let mut base = self.free.saturating_sub(usize::from(first));
        while children.iter().any(|(byte, ..)| taken(&self.cells, base + usize::from(*byte))) {
            base += 1;
        }
        for (byte, ..) in children {
            let place = base + usize::from(*byte);
            if self.cells.len() <= place {
                self.cells.resize(place + 1, FREE);
            }
            if let Some(cell) = self.cells.get_mut(place) {
                cell.parent = number(node);
            }
        }
        if let Some(cell) = self.cells.get_mut(node) {
            cell.base = number(base);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_beginning_is_found_shortest_first() {
        let trie = Trie::new(&["", "late", "later", "no"]);
        let mut found = Vec::new();
        trie.each(b"later on", |value, length| found.push((value, length)));
        assert_eq!(found, [(0, 0), (1, 4), (2, 5)]);
        assert_eq!(trie.longest(b"nobody"), Some(3));
        assert_eq!(Trie::new(&["b"]).longest(b"a"), None);
        assert_eq!(Trie::new::<&str>(&[]).longest(b"a"), None);
    }

    proptest::proptest! {
        #[test]
        fn it_finds_what_a_search_through_all_finds(
            strings in proptest::collection::btree_set("[a-dé ]{1,6}", 0..60),
            text in "[a-dé ]{0,9}",
        ) {
            let strings: Vec<String> = strings.into_iter().collect();
            let mut found = Vec::new();
            Trie::new(&strings).each(text.as_bytes(), |value, _| found.push(value));
            let mut wanted: Vec<usize> =
                (0..strings.len()).filter(|at| text.starts_with(&strings[*at])).collect();
            wanted.sort_by_key(|at| strings[*at].len());
            proptest::prop_assert_eq!(found, wanted);
        }
    }
}
