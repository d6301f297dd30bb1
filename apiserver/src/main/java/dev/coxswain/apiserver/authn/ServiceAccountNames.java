package dev.coxswain.apiserver.authn;

import java.util.List;

/** What a service account is called where users and groups are meant. */
public final class ServiceAccountNames {
  /** Begins the user name of every service account. */
  public static final String PREFIX = "system:serviceaccount:";

  private static final String ALL = "system:serviceaccounts";

  private ServiceAccountNames() {}

  /** {@code system:serviceaccount:NAMESPACE:NAME}. */
  public static String user(String namespace, String name) {
    return PREFIX + namespace + ":" + name;
  }

  /** The groups of all service accounts, and of those of the namespace. */
  public static List<String> groups(String namespace) {
    return List.of(ALL, ALL + ":" + namespace);
  }
}
