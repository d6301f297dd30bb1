package dev.coxswain.store.history;

/** A key as the store shows it; lease 0 for none. */
public record Entry(String key, String value, long create, long mod, long version, long lease) {}
