//! What is known about a statement, found by its text.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

/// How many texts are found by where they lie in memory.
const MOST: usize = 1024;

/// One thing for each text. Reading it hashes an address: the adapter passes the same text every time. A text that lies
/// elsewhere, because another adapter was made of the same tables, is compared once.
pub(crate) struct ByText<T> {
    entries: RwLock<Entries<T>>,
}

struct Entries<T> {
    by_text: HashMap<Arc<str>, T>,
    /// Each keeps its text alive, so that no other text can have the address.
    by_address: HashMap<usize, (Arc<str>, T)>,
}

impl<T> Default for ByText<T> {
    fn default() -> Self {
        let entries = Entries { by_text: HashMap::default(), by_address: HashMap::default() };
        Self { entries: RwLock::new(entries) }
    }
}

impl<T> fmt::Debug for ByText<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByText").finish_non_exhaustive()
    }
}

impl<T: Clone> ByText<T> {
    pub(crate) fn get(&self, text: &Arc<str>) -> Option<T> {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = entries.by_address.get(&address(text)) {
            return Some(known.clone());
        }
        let known = entries.by_text.get(text).cloned()?;
        drop(entries);
        self.entries.write().unwrap_or_else(PoisonError::into_inner).note(text, known.clone());
        Some(known)
    }

    pub(crate) fn insert(&self, text: &Arc<str>, value: T) {
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        entries.forget(text);
        entries.by_text.insert(Arc::clone(text), value.clone());
        entries.note(text, value);
    }

    pub(crate) fn remove(&self, text: &Arc<str>) {
        self.entries.write().unwrap_or_else(PoisonError::into_inner).forget(text);
    }
}

impl<T> Entries<T> {
    fn note(&mut self, text: &Arc<str>, value: T) {
        if self.by_address.len() >= MOST {
            self.by_address.clear();
        }
        self.by_address.insert(address(text), (Arc::clone(text), value));
    }

    fn forget(&mut self, text: &Arc<str>) {
        self.by_text.remove(text);
        self.by_address.retain(|_, (known, _)| known != text);
    }
}

fn address(text: &Arc<str>) -> usize {
    Arc::as_ptr(text).cast::<u8>() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_wherever_it_lies_and_forgotten_everywhere() {
        let (known, [here, there]) = (ByText::default(), [(), ()].map(|()| Arc::<str>::from("SELECT 1")));
        known.insert(&here, 1);
        assert_eq!([known.get(&here), known.get(&there)], [Some(1), Some(1)]);
        assert_eq!(known.get(&"SELECT 2".into()), None);

        known.insert(&there, 2);
        assert_eq!([known.get(&here), known.get(&there)], [Some(2), Some(2)]);

        known.remove(&here);
        assert_eq!([known.get(&here), known.get(&there)], [None, None]);
    }

    #[test]
    fn adapters_that_come_and_go_leave_little_behind() {
        let known = ByText::default();
        known.insert(&"SELECT 1".into(), 1);

        for _ in 0..MOST * 2 {
            let text: Arc<str> = "SELECT 1".into();
            assert_eq!(known.get(&text), Some(1));
        }

        let entries = known.entries.read().unwrap();
        assert_eq!(entries.by_text.len(), 1);
        assert!(entries.by_address.len() <= MOST);
    }
}
