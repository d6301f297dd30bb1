/** A storage driver for the tests: directories and loop devices of its node. */
package dev.coxswain.e2e.csi;
