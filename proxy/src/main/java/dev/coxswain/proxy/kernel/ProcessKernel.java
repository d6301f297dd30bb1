package dev.coxswain.proxy.kernel;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs commands as child processes. */
public final class ProcessKernel implements Kernel {
  /** More than the largest rule dump we ask for; what lies beyond would only fill the heap. */
  private static final int MAX_OUTPUT_BYTES = 64 << 20;

  private static final Executor READERS = task -> Thread.ofVirtual().start(task);

  private final List<String> prefix;

  /** Commands run where this process runs. */
  public ProcessKernel() {
    this(List.of());
  }

  /** Commands are preceded by these words, such as {@code ip netns exec name}. */
  public ProcessKernel(List<String> prefix) {
    this.prefix = List.copyOf(prefix);
  }

  @Override
  public CommandResult run(Command command) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(prefix);
    words.addAll(command.words());
    Process process = new ProcessBuilder(words).start();
    try {
      // Both outputs are drained while the input is written: a full pipe on any side would
      // otherwise stop the child for good.
      CompletableFuture<String> output =
          CompletableFuture.supplyAsync(() -> drain(process.getInputStream()), READERS);
      CompletableFuture<String> errors =
          CompletableFuture.supplyAsync(() -> drain(process.getErrorStream()), READERS);
      CompletableFuture<Void> input =
          CompletableFuture.runAsync(() -> feed(process.getOutputStream(), command), READERS);
      if (!process.waitFor(command.deadline().toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IOException("`" + command + "` did not end within " + command.deadline());
      }
      input.cancel(true);
      return new CommandResult(process.exitValue(), await(output, command), await(errors, command));
    } finally {
      process.destroyForcibly();
    }
  }

  /** The child has exited, so the pipe ends at once unless a grandchild keeps it open. */
  private static String await(CompletableFuture<String> stream, Command command)
      throws IOException, InterruptedException {
    try {
      return stream.get(command.deadline().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | java.util.concurrent.ExecutionException e) {
      throw new IOException("the command's output could not be read", e);
    }
  }

  private static String drain(InputStream stream) {
    try (stream) {
      return new String(stream.readNBytes(MAX_OUTPUT_BYTES), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "";
    }
  }

  private static void feed(OutputStream stream, Command command) {
    try (stream) {
      stream.write(command.input().getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // The child closed its input; its exit code says why.
    }
  }
}
