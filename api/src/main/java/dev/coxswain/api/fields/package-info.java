/**
 * Which fields an object has, changed and lost, and how an applied configuration is merged: what
 * server-side apply is made of.
 */
@org.jspecify.annotations.NullMarked
package dev.coxswain.api.fields;
