package dev.coxswain.kubelet.volume;

import dev.coxswain.kubelet.usage.VolumeFigures;
import dev.coxswain.runtime.program.Rounds;
import dev.coxswain.runtime.time.Time;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells how full volumes are, whose server may have gone: then the kernel does not answer until it
 * is back. Whoever asks waits a while for that, and not again before the kernel has answered.
 */
final class VolumeGauge {
  private static final Logger LOG = LoggerFactory.getLogger(VolumeGauge.class);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Kernel kernel;
  private final Time time;

  /** What the kernel has not answered yet; bounded by the volumes of the node. */
  private final ConcurrentMap<Path, CompletableFuture<Optional<VolumeFigures>>> asked =
      new ConcurrentHashMap<>();

  VolumeGauge(Kernel kernel, Time time) {
    this.kernel = kernel;
    this.time = time;
  }

  /** Knows how full a volume is; may never return. */
  interface Kernel {
    Optional<VolumeFigures> figures(Path path);
  }

  /** How full what lies there is; empty where that cannot be told, or not in time. */
  Optional<VolumeFigures> figures(Path path) {
    return asked.computeIfAbsent(path, this::ask).join();
  }

  private CompletableFuture<Optional<VolumeFigures>> ask(Path path) {
    CompletableFuture<Optional<VolumeFigures>> answer = new CompletableFuture<>();
    Time.Timer late = time.after(PATIENCE, () -> answer.complete(Optional.empty()));
    OwnThread.start(
        "volume-gauge",
        () -> {
          Optional<VolumeFigures> figures = Optional.empty();
          try {
            figures = kernel.figures(path);
          } catch (RuntimeException bug) {
            LOG.error("How full {} is cannot be told: {}", path, Rounds.line(bug));
          } finally {
            asked.remove(path, answer);
            late.cancel();
            answer.complete(figures);
          }
        });
    return answer;
  }
}
