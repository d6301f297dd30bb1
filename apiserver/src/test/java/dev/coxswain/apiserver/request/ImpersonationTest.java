package dev.coxswain.apiserver.request;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.authz.Attributes;
import dev.coxswain.apiserver.authz.Decision;
import dev.coxswain.apiserver.http.Answer;
import dev.coxswain.apiserver.http.Exchange;
import dev.coxswain.apiserver.http.LocalRequests;
import dev.coxswain.apiserver.http.Refusal;
import dev.coxswain.apiserver.http.RequestHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ImpersonationTest {
  private final List<Attributes> asked = new ArrayList<>();
  private final Impersonation impersonation =
      new Impersonation(attributes -> {
        asked.add(attributes);
        return new Decision.Allow("");
      });

  /** Who a request of Ada's with these headers is answered for. */
  private UserInfo user(Map<String, String> headers) throws InterruptedException {
    List<UserInfo> users = new ArrayList<>();
    RequestHandler handler =
        new RequestHandler() {
          @Override
          public void handle(Exchange exchange) {
            users.add(impersonation.apply(UserInfo.of("ada", List.of()), exchange.request()));
          }

          @Override
          public Answer refusal(Refusal refusal) {
            throw new AssertionError(refusal);
          }
        };
    LocalRequests.send(handler, "GET", "/", headers, new byte[0]);
    return users.getFirst();
  }

  @Test
  void whoIsImpersonatedCountsAsAuthenticatedUnlessItIsAskedOtherwise()
      throws InterruptedException {
    assertThat(user(Map.of("Impersonate-User", "grace")).groups())
        .containsExactly(UserInfo.AUTHENTICATED);
    assertThat(user(Map.of("Impersonate-User", UserInfo.ANONYMOUS.name())).groups())
        .containsExactly(UserInfo.UNAUTHENTICATED);
    assertThat(
            user(Map.of("Impersonate-User", "grace", "Impersonate-Group", UserInfo.UNAUTHENTICATED))
                .groups())
        .containsExactly(UserInfo.UNAUTHENTICATED);
  }

  @Test
  void keysOfExtrasAreUnescapedAndWhatIsNoEscapeIsTakenAsItIs() throws InterruptedException {
    UserInfo user =
        user(
            Map.of(
                "Impersonate-User",
                "grace",
                "Impersonate-Extra-Example.com%2fTeam",
                "a",
                "Impersonate-Extra-c+d",
                "b",
                "Impersonate-Extra-half%zz",
                "c"));
    assertThat(user.extra())
        .containsOnly(
            Map.entry("example.com/team", List.of("a")),
            Map.entry("c+d", List.of("b")),
            Map.entry("half%zz", List.of("c")));
    assertThat(asked)
        .extracting(Attributes::resourceWithSubresource)
        .contains("userextras/example.com/team");
  }
}
