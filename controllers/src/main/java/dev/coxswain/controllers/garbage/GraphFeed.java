package dev.coxswain.controllers.garbage;

import dev.coxswain.runtime.client.Informer;
import dev.coxswain.runtime.client.ServedResource;
import io.fabric8.kubernetes.api.model.PartialObjectMetadata;
import java.util.function.Consumer;

/** Tells the graph what a resource's cache is told, and passes on what to look at. */
final class GraphFeed implements Informer.Handler<PartialObjectMetadata> {
  private final ServedResource resource;
  private final OwnerGraph graph;
  private final Consumer<String> look;

  GraphFeed(ServedResource resource, OwnerGraph graph, Consumer<String> look) {
    this.resource = resource;
    this.graph = graph;
    this.look = look;
  }

  @Override
  public void added(PartialObjectMetadata object) {
    graph.put(Owned.of(object, resource)).forEach(look);
  }

  @Override
  public void updated(PartialObjectMetadata before, PartialObjectMetadata after) {
    Owned old = Owned.of(before, resource);
    Owned now = Owned.of(after, resource);
    if (!old.uid().equals(now.uid())) {
      graph.remove(old.uid()).forEach(look);
    }
    graph.put(now).forEach(look);
  }

  @Override
  public void deleted(PartialObjectMetadata last) {
    graph.remove(last.getMetadata().getUid()).forEach(look);
  }
}
