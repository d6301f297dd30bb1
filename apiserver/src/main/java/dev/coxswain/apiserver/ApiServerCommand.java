package dev.coxswain.apiserver;

import dev.coxswain.runtime.time.SystemRandomness;
import dev.coxswain.runtime.time.SystemTime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code cox apiserver}: serves the Kubernetes API until it is told to stop. */
@Command(
    name = "apiserver",
    mixinStandardHelpOptions = true,
    description = "Serves the Kubernetes API from the replicated store.")
public final class ApiServerCommand implements Callable<Integer> {
  private static final Logger log = LoggerFactory.getLogger(ApiServerCommand.class);

  @Mixin private ApiServerOptions options = new ApiServerOptions();

  @Override
  public Integer call() throws InterruptedException {
    CountDownLatch stop = new CountDownLatch(1);
    CountDownLatch stopped = new CountDownLatch(1);
    Thread hook =
        Thread.ofPlatform()
            .name("shutdown")
            .unstarted(() -> {
              stop.countDown();
              try {
                stopped.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    Runtime.getRuntime().addShutdownHook(hook);
    try (ApiServer server = ApiServer.start(options, new SystemTime(), new SystemRandomness())) {
      log.info("serving on port {}", server.port());
      stop.await();
      server.drain();
      return 0;
    } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
      log.error("{}", e.getMessage());
      return 1;
    } finally {
      stopped.countDown();
    }
  }
}
