/** The cluster's certificate authority, published where pods find it. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.controllers.rootca;
