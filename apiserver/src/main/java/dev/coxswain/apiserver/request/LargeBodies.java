package dev.coxswain.apiserver.request;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.apiserver.schema.Input;
import dev.coxswain.apiserver.schema.YamlSize;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Has the requests that are large in memory take turns. A body of half a megabyte may say a hundred
 * thousand times {@code {}}, and become a hundred megabytes while it is decoded, filled with
 * defaults and checked; and the smallest patch of such an object takes it all apart. A few of them
 * together would leave no room for anybody else.
 */
final class LargeBodies {
  /**
   * What a value takes in memory besides its text, roughly and on its way to the store, in bytes.
   */
  private static final int VALUE = 200;

  /** How often a stored object is in memory while it is changed: as it was, and as it will be. */
  private static final int COPIES = 2;

  /** Up to how many bytes in memory a request waits for nobody. */
  static final int SMALL = 2 << 20;

  /** How many bytes in memory are worked on at once; what is larger has it all for itself. */
  static final int TOGETHER = 48 << 20;

  private final Semaphore room = new Semaphore(TOGETHER, true);
  private final Duration patience;

  /**
   * Nobody has a turn yet.
   *
   * @param patience how long one waits for it
   */
  LargeBodies(Duration patience) {
    this.patience = patience;
  }

  /**
   * Waits until it is this request's turn.
   *
   * @param contentType what the body is said to be
   * @param basis the stored object that is to be changed; empty for none
   * @throws ApiException with reason {@code TooManyRequests} where it took too long
   */
  InFlight.Place enter(byte[] body, String contentType, byte[] basis) throws InterruptedException {
    int size = Math.min(TOGETHER, ofBody(body, contentType) + COPIES * inMemory(basis));
    if (size <= SMALL) {
      return () -> {};
    }
    if (!room.tryAcquire(size, patience.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new ApiException(InFlight.tooMany());
    }
    return () -> room.release(size);
  }

  private static int ofBody(byte[] body, String contentType) {
    return contentType.toLowerCase(Locale.ROOT).contains("yaml") && Input.hasStar(body)
        ? writtenOut(body)
        : inMemory(body);
  }

  /** What bytes will take, by what stands between their values in JSON, YAML or the binary form. */
  private static int inMemory(byte[] body) {
    if (body.length <= SMALL / VALUE) {
      return body.length;
    }
    long values = 0;
    for (byte each : body) {
      switch (each) {
        case ',', '{', '[', '\n' -> values++;
        default -> {}
      }
    }
    return (int) Math.min(TOGETHER, body.length + values * VALUE);
  }

  /** Of a document in which a few lines may stand for many. */
  private static int writtenOut(byte[] yaml) {
    YamlSize.Size size = YamlSize.of(yaml);
    long whole = yaml.length + size.text() + size.values() * VALUE;
    return Math.max(inMemory(yaml), (int) Math.min(TOGETHER, whole));
  }
}
