package dev.coxswain.apiserver.request;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RequestInfoTest {

  private static RequestInfo parse(String method, String path, String query) {
    return RequestInfo.parse(method, path, Query.parse(query));
  }

  @Test
  void pathsNameResources() {
    RequestInfo pod = parse("GET", "/api/v1/namespaces/a/pods/b/log", "follow=true");
    assertThat(pod.verb()).isEqualTo("get");
    assertThat(pod.namespace()).isEqualTo("a");
    assertThat(pod.resource()).isEqualTo("pods");
    assertThat(pod.name()).isEqualTo("b");
    assertThat(pod.subresource()).isEqualTo("log");
    assertThat(pod.longRunning()).isTrue();

    RequestInfo scale = parse("PATCH", "/apis/apps/v1/namespaces/a/deployments/d/scale", "");
    assertThat(scale.group()).isEqualTo("apps");
    assertThat(scale.version()).isEqualTo("v1");
    assertThat(scale.verb()).isEqualTo("patch");
    assertThat(scale.subresource()).isEqualTo("scale");
  }

  @Test
  void aNamespaceIsAResourceInItself() {
    RequestInfo namespace = parse("DELETE", "/api/v1/namespaces/a", "");
    assertThat(namespace.resource()).isEqualTo("namespaces");
    assertThat(namespace.name()).isEqualTo("a");
    assertThat(namespace.namespace()).isEqualTo("a");
    assertThat(namespace.verb()).isEqualTo("delete");

    RequestInfo finalize = parse("PUT", "/api/v1/namespaces/a/finalize", "");
    assertThat(finalize.resource()).isEqualTo("namespaces");
    assertThat(finalize.subresource()).isEqualTo("finalize");
  }

  @Test
  void collectionsAreListedWatchedAndEmptied() {
    assertThat(parse("GET", "/api/v1/pods", "").verb()).isEqualTo("list");
    assertThat(parse("GET", "/api/v1/pods", "watch=true").verb()).isEqualTo("watch");
    assertThat(parse("GET", "/api/v1/pods", "watch=0").verb()).isEqualTo("list");
    assertThat(parse("GET", "/api/v1/watch/namespaces/a/pods", "").verb()).isEqualTo("watch");
    assertThat(parse("DELETE", "/api/v1/namespaces/a/pods", "").verb())
        .isEqualTo("deletecollection");
  }

  @Test
  void aListOfOneNameIsAuthorizedForIt() {
    assertThat(parse("GET", "/api/v1/namespaces/a/pods", "fieldSelector=metadata.name%3Dx").name())
        .isEqualTo("x");
    assertThat(
            parse("GET", "/api/v1/namespaces/a/pods", "fieldSelector=metadata.name%21%3Dx").name())
        .isEmpty();
  }

  @Test
  void otherPathsAreNoResources() {
    for (String path : new String[] {"/", "/healthz", "/api", "/api/v1", "/apis/apps/v1"}) {
      RequestInfo info = parse("GET", path, "");
      assertThat(info.resourceRequest()).as(path).isFalse();
      assertThat(info.verb()).isEqualTo("get");
    }
  }

  @Test
  void whatIsProxiedKeepsItsEscapes() {
    RequestInfo proxy = parse("GET", "/api/v1/namespaces/a/services/s:80/proxy/x%2Fy/z/", "");
    assertThat(proxy.name()).isEqualTo("s:80");
    assertThat(proxy.subresource()).isEqualTo("proxy");
    assertThat(proxy.rest()).isEqualTo("x%2Fy/z/");
  }
}
