package ocellus.loaders.image;

/**
 * What the header of an image file says.
 *
 * @param format of the file, whatever its name
 * @param width of the pixels as they are stored, before orientation
 * @param height of the pixels as they are stored, before orientation
 * @param orientation how the stored pixels are to be turned to stand upright
 */
public record ImageInfo(ImageFormat format, int width, int height, Orientation orientation) {}
