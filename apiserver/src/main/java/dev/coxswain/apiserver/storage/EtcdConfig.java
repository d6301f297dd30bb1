package dev.coxswain.apiserver.storage;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How to reach the store.
 *
 * @param servers URLs of the endpoints
 * @param authority PEM file with the CA of the endpoints' certificates; null trusts the system's
 * @param certificate PEM file with our client certificate; null for none
 * @param key PEM file with its key; null for none
 */
public record EtcdConfig(
    List<String> servers,
    @Nullable Path authority,
    @Nullable Path certificate,
    @Nullable Path key) {
  public EtcdConfig {
    servers = List.copyOf(servers);
  }
}
