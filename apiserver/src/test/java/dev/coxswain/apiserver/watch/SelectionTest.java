package dev.coxswain.apiserver.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.selector.FieldSelector;
import dev.coxswain.api.selector.LabelSelector;
import dev.coxswain.apiserver.registry.Conversion;
import dev.coxswain.apiserver.registry.SelectableFields;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** Objects that are stored with {@code address} and selected by its parts. */
class SelectionTest {
  private static final Conversion PARTS =
      new Conversion() {
        @Override
        public void fromStored(ObjectNode object) {
          String[] parts = Json.text(object, "address").split(":", 2);
          object.put("host", parts[0]).put("port", parts[1]).remove("address");
        }

        @Override
        public boolean asks() {
          return true;
        }
      };

  private static Selection selection(String fields) {
    return new Selection(
        "shop",
        "",
        LabelSelector.EVERYTHING,
        FieldSelector.parse(fields),
        SelectableFields.and("host", "port").of(PARTS));
  }

  private static CachedObject object(String address, long revision) {
    return CachedObject.of(
        new ObjectKey("shop", "o"),
        ("{\"metadata\":{\"name\":\"o\"},\"address\":\"" + address + "\"}")
            .getBytes(java.nio.charset.StandardCharsets.UTF_8),
        revision);
  }

  private static @Nullable Delivery judged(
      EventType type, CachedObject object, @Nullable CachedObject previous) {
    return selection("host=a,metadata.name=o").judged(new Delivery(type, object, previous));
  }

  @Test
  void fieldsAreThoseOfTheServedVersion() {
    assertThat(object("a:80", 1).isIn(selection("host=a,port=80"))).isTrue();
    assertThat(object("a:80", 1).isIn(selection("host=a,port=81"))).isFalse();
  }

  @Test
  void whatIsKnownAtOnceHoldsMore() {
    Selection selection = selection("host=a,metadata.name=o");
    assertThat(selection.asks()).isTrue();
    assertThat(selection.atOnce().asks()).isFalse();
    assertThat(selection.atOnce().fields()).isEqualTo(FieldSelector.parse("metadata.name=o"));
    assertThat(object("b:80", 1).isIn(selection.atOnce())).isTrue();
    assertThat(object("b:80", 1).isIn(selection)).isFalse();
  }

  @Test
  void comingInAndLeavingAreTold() {
    CachedObject inside = object("a:80", 5);
    CachedObject outside = object("b:80", 6);
    assertThat(judged(EventType.ADDED, inside, null))
        .extracting(Delivery::type)
        .isEqualTo(EventType.ADDED);
    assertThat(judged(EventType.ADDED, outside, null)).isNull();
    assertThat(judged(EventType.MODIFIED, object("a:81", 7), inside))
        .extracting(Delivery::type)
        .isEqualTo(EventType.MODIFIED);
    assertThat(judged(EventType.MODIFIED, inside, outside))
        .extracting(Delivery::type)
        .isEqualTo(EventType.ADDED);
    Delivery left = Objects.requireNonNull(judged(EventType.MODIFIED, outside, inside));
    assertThat(left.type()).isEqualTo(EventType.DELETED);
    assertThat(left.object().revision()).isEqualTo(6);
    assertThat(Json.text(left.object().parse(), "address")).isEqualTo("a:80");
    assertThat(judged(EventType.DELETED, inside, inside))
        .extracting(Delivery::type)
        .isEqualTo(EventType.DELETED);
    assertThat(judged(EventType.DELETED, outside, outside)).isNull();
  }
}
