package dev.coxswain.deploy.host;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Runs code with the sockets of another process's network namespace. */
public final class NetworkNamespace {
  private static final int CLONE_NEWNET = 0x40000000;
  private static final int O_RDONLY = 0;

  private NetworkNamespace() {}

  /**
   * Calls the task on a thread of its own that has entered the namespace: sockets that it makes
   * belong there. The thread ends with the task, so nothing else ever runs in the namespace.
   */
  public static <T> T call(long pid, Callable<T> task) throws Exception {
    var result =
        new FutureTask<T>(() -> {
          enter(pid);
          return task.call();
        });
    Thread thread = Thread.ofPlatform().name("in-namespace-of-" + pid).daemon().start(result);
    try {
      return result.get();
    } catch (ExecutionException failed) {
      if (failed.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw failed;
    } finally {
      thread.interrupt();
    }
  }

  /** Calls three functions of libc that the JDK has no counterpart for. */
  @SuppressWarnings("restricted")
  private static void enter(long pid) {
    Linker linker = Linker.nativeLinker();
    try (Arena arena = Arena.ofConfined()) {
      MethodHandle open =
          linker.downcallHandle(
              linker.defaultLookup().findOrThrow("open"),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
              Linker.Option.firstVariadicArg(2));
      MethodHandle setns =
          linker.downcallHandle(
              linker.defaultLookup().findOrThrow("setns"),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
      MethodHandle close =
          linker.downcallHandle(
              linker.defaultLookup().findOrThrow("close"),
              FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
      int descriptor =
          (int) open.invokeExact(arena.allocateFrom("/proc/" + pid + "/ns/net"), O_RDONLY);
      if (descriptor < 0) {
        throw new CoxException("process " + pid + " is gone");
      }
      int entered = (int) setns.invokeExact(descriptor, CLONE_NEWNET);
      int closed = (int) close.invokeExact(descriptor);
      if (entered != 0 || closed != 0) {
        throw new CoxException("cannot enter the network namespace of process " + pid);
      }
    } catch (CoxException known) {
      throw known;
    } catch (Throwable unexpected) {
      throw new CoxException("cannot enter a network namespace: " + unexpected, unexpected);
    }
  }
}
