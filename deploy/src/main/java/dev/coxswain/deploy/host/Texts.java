package dev.coxswain.deploy.host;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Texts that come with the program. */
public final class Texts {
  private Texts() {}

  /** The text of that name beside a class. */
  public static String beside(Class<?> owner, String name) {
    try (InputStream text = owner.getResourceAsStream(name)) {
      if (text == null) {
        throw new IllegalStateException(name + " is missing beside " + owner.getName());
      }
      return new String(text.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException unreadable) {
      throw new CoxException("cannot read " + name + ": " + unreadable.getMessage(), unreadable);
    }
  }
}
