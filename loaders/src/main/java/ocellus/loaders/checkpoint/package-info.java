/** Checkpoint folders: weights, architecture, preprocessing and labels of one model. */
package ocellus.loaders.checkpoint;
