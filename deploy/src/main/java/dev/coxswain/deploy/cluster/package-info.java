/** The cluster on one machine: its plan, its state, bringing it up and taking it down. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.deploy.cluster;
