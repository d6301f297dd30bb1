package dev.coxswain.deploy.command;

/** Says what a person who interrupts a long command can do next. */
final class Interruption {
  private Interruption() {}

  /** Does the work; a signal that ends this program meanwhile also prints the advice. */
  static void advising(String advice, Runnable work) {
    Thread hook = Thread.ofPlatform().unstarted(() -> System.err.println("cox: " + advice));
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      work.run();
    } finally {
      forget(hook);
    }
  }

  private static void forget(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException interrupted) {
      // The program is on its way out, and the advice is given.
    }
  }
}
