package dev.coxswain.apiserver.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.api.status.ApiException;
import org.junit.jupiter.api.Test;

class LinksTest {
  private static final String PREFIX = "/api/v1/namespaces/default/pods/web/proxy";
  private static final Links LINKS = new Links(PREFIX, "10.0.0.1:80", "cluster:6443");

  @Test
  void onlyLinksToTheOtherSideLeadThroughTheProxy() {
    assertThat(LINKS.rewrite("/a/b/?q=1#x")).isEqualTo(PREFIX + "/a/b/?q=1#x");
    assertThat(LINKS.rewrite("http://10.0.0.1:80/a"))
        .isEqualTo("https://cluster:6443" + PREFIX + "/a");
    assertThat(LINKS.rewrite("relative")).isEqualTo("relative");
    assertThat(LINKS.rewrite("https://example.com/a")).isEqualTo("https://example.com/a");
    assertThat(LINKS.rewrite(PREFIX + "/a")).isEqualTo(PREFIX + "/a");
    assertThat(LINKS.rewrite("not a link")).isEqualTo("not a link");
  }

  @Test
  void pagesAreRewrittenInTheirAttributesAlone() {
    assertThat(LINKS.rewritePage("<a href=\"/rewriteme\">test /keep href=\"/keep\"</a>"))
        .isEqualTo("<a href=\"" + PREFIX + "/rewriteme\">test /keep href=\"/keep\"</a>");
    assertThat(LINKS.rewritePage("<IMG alt='/a' SRC='/b?x=1&amp;y=2'>"))
        .isEqualTo("<IMG alt='/a' SRC='" + PREFIX + "/b?x=1&amp;y=2'>");
  }

  @Test
  void namesMayCarryASchemeAndAPort() {
    assertThat(SchemeNamePort.parse("pod", "web")).isEqualTo(new SchemeNamePort("", "web", ""));
    assertThat(SchemeNamePort.parse("pod", "web:80"))
        .isEqualTo(new SchemeNamePort("", "web", "80"));
    assertThat(SchemeNamePort.parse("pod", "https:web:"))
        .isEqualTo(new SchemeNamePort("https", "web", ""));
    for (String broken : new String[] {"", ":80", "ftp:web:80", "a:b:c:d"}) {
      assertThatThrownBy(() -> SchemeNamePort.parse("pod", broken))
          .isInstanceOf(ApiException.class)
          .hasMessage("invalid pod request \"" + broken + "\"");
    }
    assertThatThrownBy(() -> SchemeNamePort.parse("pod", "web:x").number(1))
        .hasMessage("invalid port \"x\"");
  }

  @Test
  void onlyAddressesOfOthersAreProxied() {
    assertThat(ProxyConnect.proxyable("10.244.1.2")).isEqualTo("10.244.1.2");
    for (String refused : new String[] {"127.0.0.1", "169.254.1.1", "0.0.0.0", "", "host", "::1"}) {
      assertThatThrownBy(() -> ProxyConnect.proxyable(refused)).hasMessage("address not allowed");
    }
  }
}
