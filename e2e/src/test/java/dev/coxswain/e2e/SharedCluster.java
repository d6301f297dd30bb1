package dev.coxswain.e2e;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives every test class that asks for a {@link Cluster} the same three nodes, brought up once for
 * the whole run and taken down after it. A test leaves the cluster as sound as it found it and
 * works in namespaces of its own.
 */
final class SharedCluster implements ParameterResolver {
  private static final ExtensionContext.Namespace STORE =
      ExtensionContext.Namespace.create(SharedCluster.class);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Cluster.class;
  }

  @Override
  public Cluster resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context
        .getRoot()
        .getStore(STORE)
        .computeIfAbsent(Cluster.class, key -> start(), Cluster.class);
  }

  private static Cluster start() {
    Cluster cluster = Cluster.up("--nodes", "3");
    try {
      TokenHolder.create(cluster);
    } catch (Throwable failure) {
      cluster.close();
      throw failure;
    }
    return cluster;
  }
}
