//! A store in memory: the reference for every other adapter.
