package dev.coxswain.runtime.program;

import java.lang.reflect.Proxy;

/**
 * Signals that ask a process for something. The JDK has no public way to hear them; the class that
 * has been there since its beginnings is called by its name, because to compile against it is a
 * warning that cannot be silenced.
 */
public final class Signals {
  private Signals() {}

  /**
   * Runs the task, on a thread of the JVM's, each time the signal arrives.
   *
   * @param name as {@code USR1}
   * @throws IllegalStateException where the JVM does not hand it on
   */
  // An object that stands for an interface is itself and nobody else.
  @SuppressWarnings("ReferenceEquality")
  public static void on(String name, Runnable task) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object adapter =
          Proxy.newProxyInstance(
              Signals.class.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, arguments) ->
                  switch (method.getName()) {
                    case "handle" -> {
                      task.run();
                      yield null;
                    }
                    case "equals" -> proxy == arguments[0];
                    case "hashCode" -> System.identityHashCode(proxy);
                    default -> "handler of SIG" + name;
                  });
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), adapter);
    } catch (ReflectiveOperationException missing) {
      throw new IllegalStateException("this JVM does not hand on SIG" + name, missing);
    }
  }
}
