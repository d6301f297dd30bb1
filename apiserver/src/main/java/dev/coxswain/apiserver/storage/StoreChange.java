package dev.coxswain.apiserver.storage;

/** One change in the store. */
public sealed interface StoreChange {
  /** The key that changed. */
  String key();

  /** The revision of the change. */
  long revision();

  /** The key was created or replaced. */
  record Put(StoredValue value) implements StoreChange {
    @Override
    public String key() {
      return value.key();
    }

    @Override
    public long revision() {
      return value.revision();
    }
  }

  /** The key was deleted. */
  record Delete(String key, long revision) implements StoreChange {}
}
