package dev.coxswain.apiserver.schema;

import java.io.Reader;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.io.IOContext;
import tools.jackson.core.util.BufferRecycler;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLParser;

/** A parser of YAML that tells how a value is marked, also where that is a text or a number. */
final class MarkedYaml extends YAMLParser {
  private @Nullable Event last;

  private MarkedYaml(
      ObjectReadContext context,
      IOContext io,
      BufferRecycler buffers,
      Features features,
      LoadSettings settings,
      Reader in) {
    super(context, io, buffers, features.streams(), features.format(), settings, in);
  }

  private record Features(int streams, int format) {}

  /** Makes them, within bounds. */
  static YAMLFactory factory(StreamReadConstraints bounds, LoadSettings settings) {
    return new Factory(bounds, settings);
  }

  private static final class Factory extends YAMLFactory {
    private static final long serialVersionUID = 1;

    Factory(StreamReadConstraints bounds, LoadSettings settings) {
      super(
          YAMLFactory.builder()
              .streamReadConstraints(bounds)
              .loadSettings(settings)
              .disable(StreamReadFeature.STRICT_DUPLICATE_DETECTION));
    }

    @Override
    protected MarkedYaml _createParser(
        ObjectReadContext context, IOContext io, byte[] data, int offset, int length) {
      Features features =
          new Features(
              context.getStreamReadFeatures(_streamReadFeatures),
              context.getFormatReadFeatures(_formatReadFeatures));
      Reader in = _createReader(data, offset, length, null, io);
      return new MarkedYaml(context, io, _getBufferRecycler(), features, _loadSettings, in);
    }
  }

  @Override
  protected Event nextEvent() {
    Event event = super.nextEvent();
    last = event;
    return event;
  }

  /** What {@code &} says in front of the current value; empty where nothing does. */
  Optional<String> mark() {
    return last instanceof NodeEvent node
        ? node.getAnchor().map(Anchor::getValue)
        : Optional.empty();
  }
}
