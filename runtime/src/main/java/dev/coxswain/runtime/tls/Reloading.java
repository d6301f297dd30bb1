package dev.coxswain.runtime.tls;

import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A value made from PEM sources, made again when they have changed. It looks when it is asked (that
 * is, in a handshake), so there is nothing that runs while nobody connects. A change that cannot be
 * read keeps the value as it was and is logged once.
 */
final class Reloading<V> {
  private static final Logger LOG = LoggerFactory.getLogger(Reloading.class);

  private final List<PemSource> sources;
  private final Supplier<V> maker;
  private List<@Nullable Object> versions;
  private volatile V value;

  /** Makes the first value; its failure is the caller's. */
  Reloading(List<PemSource> sources, Supplier<V> maker) {
    this.sources = List.copyOf(sources);
    this.maker = maker;
    this.versions = versions();
    this.value = maker.get();
  }

  /** The value as of now. */
  synchronized V current() {
    List<@Nullable Object> now = versions();
    if (!now.equals(versions) && now.stream().noneMatch(Objects::isNull)) {
      versions = now;
      try {
        value = maker.get();
        LOG.info("loaded {} again, which had changed", sources);
      } catch (RuntimeException e) {
        LOG.warn(
            "{} changed but cannot be used, going on with the old: {}", sources, e.getMessage());
      }
    }
    return value;
  }

  private List<@Nullable Object> versions() {
    return sources.stream().<@Nullable Object>map(PemSource::version).toList();
  }
}
