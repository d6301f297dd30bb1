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
 * @param rsa whether its key is RSA and not elliptic: for what people give to their own clients, of
 *     which some read nothing else
 */
public record Identity(
    String file,
    Authority.Name authority,
    String commonName,
    List<String> organizations,
    List<String> dnsNames,
    List<String> addresses,
    boolean client,
    boolean rsa) {

  public static Identity client(
      String file, Authority.Name authority, String commonName, String... organizations) {
    return new Identity(
        file, authority, commonName, List.of(organizations), List.of(), List.of(), true, false);
  }

  public Identity serving(List<String> names, List<String> ipAddresses) {
    return new Identity(
        file,
        authority,
        commonName,
        organizations,
        List.copyOf(names),
        List.copyOf(ipAddresses),
        client,
        rsa);
  }

  public Identity serverOnly() {
    return new Identity(
        file, authority, commonName, organizations, dnsNames, addresses, false, rsa);
  }

  public Identity withRsaKey() {
    return new Identity(
        file, authority, commonName, organizations, dnsNames, addresses, client, true);
  }

  boolean server() {
    return !dnsNames.isEmpty() || !addresses.isEmpty();
  }
}
