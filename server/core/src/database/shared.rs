//! Values that the requests of an open database share, one of each type.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// One value of each type. A value is created at its first use.
#[derive(Default)]
pub(super) struct Shared(Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>);

impl Shared {
    /// The value of type `T`.
    pub(super) fn get<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        let mut values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let value = values
            .entry(TypeId::of::<T>())
            .or_insert_with(|| Arc::<T>::default());
        // The key is the value's type, so the value always has that type, and the default is never used.
        Arc::clone(value).downcast().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[test]
    fn all_who_ask_for_a_type_get_the_same_value() {
        let shared = Shared::default();
        shared.get::<AtomicU32>().store(1, Ordering::Relaxed);
        assert!(!*shared.get::<bool>());
        assert_eq!(shared.get::<AtomicU32>().load(Ordering::Relaxed), 1);
    }
}
