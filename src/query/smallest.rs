/// The smallest of many, in room for a few: what is greater than those that were seen is dropped at
/// once.
pub(super) struct Smallest<T> {
    most: usize,
    kept: Vec<T>,
    /// At least `most` of those seen are not greater than this.
    bound: Option<T>,
}

impl<T: Ord + Clone> Smallest<T> {
    /// Those that are not less than `from`, at most `most` of them, ascending. O(n), and O(k log k)
    /// to sort what is left.
    pub fn of(all: impl Iterator<Item = T>, most: usize, from: Option<&T>) -> Vec<T> {
        let mut smallest = Self {
            most,
            kept: Vec::new(),
            bound: None,
        };
        for one in all {
            if from.is_none_or(|from| one >= *from) {
                smallest.push(one);
            }
        }
        smallest.cut();
        smallest.kept.sort_unstable();
        smallest.kept
    }

    fn push(&mut self, one: T) {
        if self.bound.as_ref().is_some_and(|bound| one > *bound) {
            return;
        }
        self.kept.push(one);
        // Room for as many again and some: so that a cut, which costs what is kept, is seldom.
        if self.kept.len() >= self.most.saturating_mul(2).saturating_add(1024) {
            self.cut();
        }
    }

    fn cut(&mut self) {
        if self.kept.len() > self.most && self.most > 0 {
            let (_, greatest, _) = self.kept.select_nth_unstable(self.most - 1);
            self.bound = Some(greatest.clone());
        }
        self.kept.truncate(self.most);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn as_sorting_all_of_them(
            all in prop::collection::vec(0..5000u16, 0..4000),
            most in 0..40usize,
            from in prop::option::of(0..5000u16),
        ) {
            let found = Smallest::of(all.iter().copied(), most, from.as_ref());
            let mut expected = all;
            expected.retain(|one| from.is_none_or(|from| *one >= from));
            expected.sort_unstable();
            expected.truncate(most);
            prop_assert_eq!(found, expected);
        }
    }
}
