# Stand-in, see SlicerConfig.cmake. Imitates CMake/SlicerExtensionCPack.cmake: the package carries these two files.
foreach(_file "${EXTENSION_LICENSE_FILE}" "${EXTENSION_README_FILE}")
  if(NOT EXISTS "${_file}")
    message(FATAL_ERROR "error: a file of the extension does not exist: '${_file}'")
  endif()
endforeach()
