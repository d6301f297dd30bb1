package dev.coxswain.apiserver.encryption;

import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The configuration that counts now. The one before is used on by who had begun with it, and closes
 * its connections to key servers after that.
 */
final class CurrentEncryption {
  private final Supplier<Encryption> source;
  private @Nullable Encryption last;

  /** What the source says, which may be something else the next time. */
  CurrentEncryption(Supplier<Encryption> source) {
    this.source = source;
  }

  /** Works with what counts now. */
  <T> T use(Function<Encryption, T> work) {
    Encryption used = enter();
    try {
      return work.apply(used);
    } finally {
      used.leave();
    }
  }

  private synchronized Encryption enter() {
    Encryption now = source.get();
    Encryption before = last;
    now.enter();
    if (before != now) {
      last = now;
      if (before != null) {
        before.retire();
      }
    }
    return now;
  }
}
