package dev.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/**
 * A token's file is written anew after four fifths of the token's life. Among all tests this one is
 * among the last, so that those minutes have mostly gone by; alone it takes nine.
 */
@ExtendWith(SharedCluster.class)
final class TokenRenewalEndToEndTest {
  /** One that was there from the start, or came with the kubelet, was issued before. */
  private static final long RENEWED_AFTER = TokenHolder.LIFE * 2 / 3;

  @Test
  void aTokenIsWrittenAnewUnderItsContainerBeforeItEnds(Cluster cluster) {
    TokenHolder holder = new TokenHolder(cluster);
    List<TokenHolder.Held> unusable = new ArrayList<>();
    List<TokenHolder.Held> seen = new ArrayList<>();
    Cluster.eventually(
        "a token that was renewed for its age",
        Duration.ofSeconds(TokenHolder.LIFE + Cluster.PATIENCE.toSeconds()),
        Duration.ofSeconds(5),
        () -> {
          JsonNode pod = holder.pod();
          TokenHolder.Held held = holder.read(pod);
          if (held.expires() <= held.now() || held.expires() - held.issued() != TokenHolder.LIFE) {
            unusable.add(held);
          }
          seen.add(held);
          return held.issued() >= holder.undisturbedSince(pod) + RENEWED_AFTER;
        });
    assertThat(unusable).isEmpty();
    JsonNode review = holder.review(seen.getLast().token());
    assertThat(review.at("/status/authenticated").asBoolean(false)).isTrue();
    assertThat(review.at("/status/user/username").asString())
        .isEqualTo("system:serviceaccount:token-renewal:default");
  }
}
