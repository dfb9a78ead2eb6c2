/**
 * Image files to tensors, with the pixels of Pillow: {@link ocellus.loaders.image.Images} decodes,
 * {@link ocellus.loaders.image.Preprocessor} resizes, crops and normalises as a checkpoint's {@link
 * ocellus.loaders.image.Preprocessing} says.
 */
package ocellus.loaders.image;
