package dev.coxswain.apiserver;

import dev.coxswain.runtime.program.Program;
import dev.coxswain.runtime.time.SystemRandomness;
import dev.coxswain.runtime.time.SystemTime;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code cox apiserver}: serves the Kubernetes API until it is told to stop. */
@Command(
    name = "apiserver",
    mixinStandardHelpOptions = true,
    description = "Serves the Kubernetes API from the replicated store.")
public final class ApiServerCommand implements Callable<Integer> {
  @Mixin private ApiServerOptions options = new ApiServerOptions();

  @Override
  public Integer call() {
    return Program.run(
        "apiserver",
        program -> {
          ApiServer server = ApiServer.start(options, new SystemTime(), new SystemRandomness());
          program.closing("server", server);
          program.closing("open requests", server::drain);
          program.ready();
        });
  }
}
