package dev.coxswain.apiserver.encryption;

import dev.coxswain.apiserver.storage.Store;
import dev.coxswain.apiserver.storage.StoreChange;
import dev.coxswain.apiserver.storage.StorePage;
import dev.coxswain.apiserver.storage.StoreUnavailableException;
import dev.coxswain.apiserver.storage.StoreWatch;
import dev.coxswain.apiserver.storage.StoreWrite;
import dev.coxswain.apiserver.storage.StoredValue;
import dev.coxswain.apiserver.storage.WriteOutcome;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A store that holds encrypted what the configuration says, and shows everything readable. */
public final class EncryptedStore implements Store {
  private final Store store;
  private final CurrentEncryption encryption;

  /**
   * Encrypts what goes into this store.
   *
   * @param encryption says how, and may say something else the next time
   */
  EncryptedStore(Store store, CurrentEncryption encryption) {
    this.store = store;
    this.encryption = encryption;
  }

  @Override
  public long revision() {
    return store.revision();
  }

  @Override
  public Optional<StoredValue> get(String key) {
    return store.get(key).map(value -> encryption.use(now -> readable(value, now)));
  }

  @Override
  public StorePage range(String from, String to, long revision, int limit) {
    StorePage page = store.range(from, to, revision, limit);
    return new StorePage(
        encryption.use(now -> page.values().stream().map(value -> readable(value, now)).toList()),
        page.revision(),
        page.more(),
        page.count());
  }

  @Override
  public WriteOutcome commit(List<StoreWrite> writes) {
    return encryption.use(now -> commit(writes, now));
  }

  private WriteOutcome commit(List<StoreWrite> writes, Encryption now) {
    WriteOutcome outcome =
        store.commit(writes.stream().map(write -> encrypted(write, now)).toList());
    return switch (outcome) {
      case WriteOutcome.Done done -> done;
      case WriteOutcome.Conflict conflict -> {
        List<@Nullable StoredValue> found = new ArrayList<>();
        for (StoredValue value : conflict.found()) {
          found.add(value == null ? null : readable(value, now));
        }
        yield new WriteOutcome.Conflict(found);
      }
    };
  }

  @Override
  public boolean stale(String key) {
    List<Provider> providers = encryption.use(now -> now.providers(key));
    Provider current = providers.getFirst();
    // Where there is but one, nothing else could be read.
    return providers.size() > 1
        && store.get(key).map(value -> !current.wrote(value.bytes())).orElse(false);
  }

  private static StoreWrite encrypted(StoreWrite write, Encryption encryption) {
    return switch (write) {
      case StoreWrite.Delete delete -> delete;
      case StoreWrite.Check check -> check;
      case StoreWrite.Put put -> {
        Provider provider = encryption.providers(put.key()).getFirst();
        try {
          byte[] bytes = provider.encrypt(put.bytes(), put.key());
          yield new StoreWrite.Put(put.key(), put.expected(), bytes, put.lease());
        } catch (GeneralSecurityException e) {
          throw failure(put.key() + " cannot be encrypted: " + e.getMessage(), e);
        }
      }
    };
  }

  private static StoredValue readable(StoredValue value, Encryption encryption) {
    byte[] stored = value.bytes();
    for (Provider provider : encryption.providers(value.key())) {
      if (provider.wrote(stored)) {
        try {
          byte[] plain = provider.decrypt(stored, value.key());
          return new StoredValue(value.key(), plain, value.revision());
        } catch (GeneralSecurityException e) {
          throw failure(value.key() + " cannot be decrypted: " + e.getMessage(), e);
        }
      }
    }
    throw failure(
        value.key()
            + " is stored in a way ("
            + form(stored)
            + ") that --encryption-provider-config has no provider or key for",
        new GeneralSecurityException("no matching prefix found"));
  }

  /** How a value was stored, without anything of its content. */
  private static String form(byte[] stored) {
    if (!Prefix.of(Provider.ENCRYPTED).begins(stored)) {
      return "unencrypted";
    }
    int colons = 0;
    for (int i = 0; i < stored.length; i++) {
      colons += stored[i] == ':' ? 1 : 0;
      if (colons == 5) {
        return new String(stored, 0, i + 1, StandardCharsets.UTF_8);
      }
    }
    return Provider.ENCRYPTED;
  }

  private static StoreUnavailableException failure(String message, Exception cause) {
    return new StoreUnavailableException(message, false, cause);
  }

  @Override
  public StoreWatch watch(long fromRevision) {
    StoreWatch watch = store.watch(fromRevision);
    return new StoreWatch() {
      @Override
      public List<StoreChange> next(Duration wait) throws InterruptedException {
        List<StoreChange> changes = watch.next(wait);
        return changes.isEmpty()
            ? List.of()
            : encryption.use(now -> changes.stream().map(change -> readable(change, now)).toList());
      }

      @Override
      public void close() {
        watch.close();
      }
    };
  }

  private static StoreChange readable(StoreChange change, Encryption encryption) {
    return switch (change) {
      case StoreChange.Put put -> new StoreChange.Put(readable(put.value(), encryption));
      case StoreChange.Delete delete -> delete;
    };
  }

  @Override
  public long grantLease(Duration timeToLive) {
    return store.grantLease(timeToLive);
  }

  @Override
  public void compact(long revision) {
    store.compact(revision);
  }

  @Override
  public void close() {
    store.close();
  }
}
