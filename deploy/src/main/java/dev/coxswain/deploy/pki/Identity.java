package dev.coxswain.deploy.pki;

import java.util.List;

/**
 * Whom a certificate speaks for.
 *
 * @param file where it is kept below the PKI directory, without {@code .crt} and {@code .key}
 * @param authority who signs it
 * @param commonName the user name, as the API server reads it
 * @param organizations the groups, as the API server reads them
 * @param dnsNames names that it may serve as
 * @param addresses IP addresses that it may serve as
 * @param client whether it may open connections
 */
public record Identity(
    String file,
    Authority.Name authority,
    String commonName,
    List<String> organizations,
    List<String> dnsNames,
    List<String> addresses,
    boolean client) {

  public static Identity client(
      String file, Authority.Name authority, String commonName, String... organizations) {
    return new Identity(
        file, authority, commonName, List.of(organizations), List.of(), List.of(), true);
  }

  public Identity serving(List<String> names, List<String> ipAddresses) {
    return new Identity(
        file,
        authority,
        commonName,
        organizations,
        List.copyOf(names),
        List.copyOf(ipAddresses),
        client);
  }

  public Identity serverOnly() {
    return new Identity(file, authority, commonName, organizations, dnsNames, addresses, false);
  }

  boolean server() {
    return !dnsNames.isEmpty() || !addresses.isEmpty();
  }
}
