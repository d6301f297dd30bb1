package dev.coxswain.apiserver.authz;

import java.util.Set;

/** What anybody may read, as upstream's {@code system:public-info-viewer} role says. */
public final class PublicPaths implements Authorizer {
  private static final Set<String> PATHS =
      Set.of("/healthz", "/livez", "/readyz", "/version", "/version/");

  @Override
  public Decision authorize(Attributes attributes) {
    boolean reads = attributes.verb().equals("get") || attributes.verb().equals("head");
    if (!attributes.resourceRequest() && reads && PATHS.contains(attributes.path())) {
      return new Decision.Allow("public information");
    }
    return new Decision.NoOpinion("");
  }
}
