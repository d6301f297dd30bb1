/** Endpoints and EndpointSlices: which addresses stand behind a Service. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.controllers.endpoints;
