# Stand-in for Slicer's CMake package: what `find_package(Slicer)` gives an extension of scripted modules.
#
# Imitates CMake/SlicerMacroBuildScriptedModule.cmake, CMake/UseSlicer.cmake and CMake/SlicerExtensionCPack.cmake of
# Slicer's sources and ctkMacroCompilePythonScript.cmake of CTK's: scripts and resources are copied into the build tree
# under their relative paths, missing ones are an error, and that folder of the build tree is installed as it is.

set(Slicer_QTSCRIPTEDMODULES_LIB_DIR "lib/Slicer-5.12/qt-scripted-modules")
set(Slicer_INSTALL_QTSCRIPTEDMODULES_LIB_DIR "lib/Slicer-5.12/qt-scripted-modules")
set(Slicer_USE_FILE "${CMAKE_CURRENT_LIST_DIR}/UseSlicer.cmake")
set(Slicer_EXTENSION_GENERATE_CONFIG "${CMAKE_CURRENT_LIST_DIR}/GenerateExtensionConfig.cmake")
set(Slicer_EXTENSION_CPACK "${CMAKE_CURRENT_LIST_DIR}/ExtensionCPack.cmake")
