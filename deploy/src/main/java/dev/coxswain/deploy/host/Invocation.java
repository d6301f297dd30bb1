package dev.coxswain.deploy.host;

/** How this program was called, so that the commands it advises can be pasted as they stand. */
public final class Invocation {
  private static final String COMMAND_PROPERTY = "coxswain.command";

  private Invocation() {}

  /**
   * The command line that runs {@code cox} with the arguments: {@code ./cox restart store-1} for
   * whoever typed {@code ./cox}.
   */
  public static String cox(String arguments) {
    return System.getProperty(COMMAND_PROPERTY, "cox") + " " + arguments;
  }

  /** The text as one word of a shell's command line; most stand as they are. */
  public static String word(Object text) {
    String plain = text.toString();
    return plain.matches("[\\w@%+=:,./-]+") ? plain : "'" + plain.replace("'", "'\\''") + "'";
  }
}
